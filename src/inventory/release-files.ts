/**
 * Reads shell-like assignments, one a line: `KEY=value`, `KEY="a \"quoted\" value"`, `KEY='value'`. Of a key that comes twice the
 * last counts, as in a shell. Other lines are passed over, as os-release(5) asks.
 */
export function readAssignments(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, unquote(value).trim());
  }
  return fields;
}

function unquote(value: string): string {
  const quote = value[0];
  if (value.length < 2 || (quote !== '"' && quote !== "'") || value.at(-1) !== quote) return value;
  const inner = value.slice(1, -1);
  return quote === '"' ? inner.replace(/\\(["$`\\])/g, '$1') : inner;
}

/**
 * The suites of apt's sources, in either form, in the order of the file: `bookworm` of `bookworm-security` and of
 * `bookworm/updates`. Commented lines, disabled stanzas and paths (`./`) are none. Source: sources.list(5).
 */
export function suitesOfAptSources(text: string): readonly string[] {
  const suites: string[] = [];
  for (const stanza of text.split(/\n[ \t]*\n/)) {
    if (/^Enabled:\s*(no|false)\s*$/im.test(stanza)) continue;
    for (const line of stanza.split('\n')) {
      // `deb [arch=amd64 signed-by=/x] http://deb.debian.org/debian bookworm main`
      const [, oneLine] = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s*)?\S+\s+(\S+)\s+\S/.exec(line) ?? [];
      const [, deb822] = /^Suites:\s*(.+)$/i.exec(line) ?? [];
      for (const suite of (oneLine ?? deb822 ?? '').split(/\s+/)) {
        if (suite !== '' && !suite.endsWith('/')) suites.push(baseSuite(suite));
      }
    }
  }
  return suites;
}

function baseSuite(suite: string): string {
  return suite.replace(/\/.*$/, '').replace(/-(security|updates|backports(-sloppy)?|proposed(-updates)?|lts)$/, '');
}
