// undici's main entry claims the process's global dispatcher when it is loaded, and the extension host is shared
// with strangers. The file of the one class that is needed does not; it has no types of its own.
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici';

  const client: typeof Client;
  export default client;
}
