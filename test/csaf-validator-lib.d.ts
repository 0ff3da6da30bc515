/** What is used of CSAF's own validator, which comes without types. */
declare module '@secvisogram/csaf-validator-lib/validate.js' {
  interface Result {
    readonly tests: readonly {
      readonly name: string;
      readonly errors: readonly { readonly instancePath: string; readonly message: string }[];
    }[];
  }
  function validate(tests: readonly unknown[], document: unknown): Promise<Result>;

  // biome-ignore lint/style/noDefaultExport: so it does.
  export { validate as default };
}

declare module '@secvisogram/csaf-validator-lib/basic.js';
