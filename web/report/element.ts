/** What a reader could not see, or what would turn the text around it. */
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Text of a stranger, with a mark where something invisible stands. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (sign) => `\\u{${sign.charCodeAt(0).toString(16)}}`);
}

/** Attributes of an element; `true` is one without a value, `false` and undefined are left out; functions listen. */
type Properties = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;
export type Child = Node | string | undefined;

/** An element; texts become text nodes, never markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'function') node.addEventListener(key, value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(
    ...children
      .filter((child) => child !== undefined)
      .map((child) => (typeof child === 'string' ? visible(child) : child)),
  );
  return node;
}

/** A link to another site, which learns nothing of this page. Only addresses of the web are links. */
export function link(url: string, text = url): HTMLElement {
  if (!/^https?:\/\//.test(url)) return element('span', {}, text);
  return element('a', { href: url, rel: 'noopener noreferrer nofollow', target: '_blank' }, text);
}

/** `10,000`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
