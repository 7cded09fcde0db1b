/** The type alone, in small letters: without parameters such as a charset. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Whether a `Content-Encoding` leaves the body as it is. */
export function isIdentity(coding: string | undefined): boolean {
  return coding === undefined || coding.trim().toLowerCase() === 'identity';
}
