/**
 * Reads a kernel configuration as inventories carry it.
 *
 * @param lines `CONFIG_X=y`, `X=m`, `# CONFIG_X is not set`, `CONFIG_NAME="text"`; others are no statement.
 * @returns symbols without `CONFIG_`; what is not set is `n`.
 */
export function readKernelConfig(lines: Iterable<string>): Readonly<Record<string, string>> {
  const symbols: [string, string][] = [];
  for (const text of lines) {
    const line = text.trim();
    const [, unset] = /^#\s*(?:CONFIG_)?(\w+) is not set$/.exec(line) ?? [];
    if (unset !== undefined) {
      symbols.push([unset, 'n']);
      continue;
    }
    const [, symbol, value] = /^(?:CONFIG_)?(\w+)=(.*)$/s.exec(line) ?? [];
    if (symbol !== undefined && value !== undefined) symbols.push([symbol, value.replace(/^"(.*)"$/s, '$1')]);
  }
  return Object.fromEntries(symbols);
}
