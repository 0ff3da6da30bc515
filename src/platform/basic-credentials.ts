/**
 * The user and the password of a URL as the header that says them (RFC 7617), as Go's client sends it; undefined when it has none.
 * `fetch` refuses a URL that has them.
 */
export function basicCredentialsOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** What is no percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
