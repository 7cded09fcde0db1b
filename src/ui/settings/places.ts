import type { Place } from '../../core/config/disclosure.ts';

/** Where a value goes, for example `in header X-Team`. */
export function placeText(place: Place): string {
  switch (place.in) {
    case 'origin':
      return 'as the address';
    case 'user':
      return 'as the user name';
    case 'host':
      return 'as the host';
    case 'port':
      return 'as the port';
    case 'path':
      return 'in the URL path';
    case 'query':
      return place.name === undefined ? 'in the query' : `in query parameter ${quoted(place.name)}`;
    case 'header':
      return `in header ${place.name}`;
    case 'tls':
      return `for tls.${place.member}`;
  }
}

/** A name as a word, or in quotes: one with blanks could go on with a sentence of its own. */
export function quoted(name: string): string {
  return /^[\p{L}\p{N}_.:/\\-]+$/u.test(name) ? name : JSON.stringify(name);
}

/** A folder as a scope. A `.code-workspace` gives its folders the names that it likes. */
export function folderScope(name: string): string {
  return `folder ${quoted(name)}`;
}
