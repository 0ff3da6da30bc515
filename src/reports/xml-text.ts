/** Signs that XML 1.0 cannot hold in any way, and those that a terminal would obey or a reader could not see. */
const UNWRITABLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]|\p{Surrogate}/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/**
 * Text of a stranger, inside an element or an attribute. What XML cannot hold becomes U+FFFD; the end of a line is written as a
 * reference, so that no line of the document begins with what a stranger wrote.
 */
export function xmlText(text: string): string {
  return text.replace(UNWRITABLE, '\ufffd').replace(/[&<>"\t\n\r]/g, (sign) => ESCAPES[sign]!);
}

/** The values of attributes by name; what is undefined is left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** ` name="value"` for each attribute. */
export function xmlAttributes(attributes: XmlAttributes): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('');
}

/**
 * An element with text, or with elements that are XML already.
 *
 * @param content undefined leaves the whole element out.
 */
export function xmlElement(
  name: string,
  content: string | number | readonly string[] | undefined,
  attributes: XmlAttributes = {},
): string {
  if (content === undefined) return '';
  const inner = Array.isArray(content) ? content.join('') : xmlText(String(content));
  return `<${name}${xmlAttributes(attributes)}>${inner}</${name}>`;
}
