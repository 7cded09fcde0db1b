import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One tool, and no session: what a WSGI application is that answers each request by itself. */
const APPLICATION = `
import json
RESULTS = {
    'initialize': {'protocolVersion': '2025-06-18', 'capabilities': {'tools': {}}, 'serverInfo': {'name': 'wsgi', 'version': '1'}},
    'tools/list': {'tools': [{'name': 't', 'inputSchema': {'type': 'object'}}]},
    'tools/call': {'content': [{'type': 'text', 'text': 'Hello'}]},
}

def app(environ, start_response):
    if environ['REQUEST_METHOD'] != 'POST':
        start_response('405 Method Not Allowed', [('Content-Length', '0')])
        return [b'']
    message = json.loads(environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0)))
    if 'id' not in message:
        start_response('202 Accepted', [('Content-Length', '0')])
        return [b'']
    result = RESULTS.get(message['method'])
    answer = {'error': {'code': -32601, 'message': 'Method not found'}} if result is None else {'result': result}
    body = json.dumps({'jsonrpc': '2.0', 'id': message['id'], **answer}).encode()
    start_response('200 OK', [('Content-Type', 'application/json'), ('Content-Length', str(len(body)))])
    return [body]
`;

/** A package of Python's: no machine has to have it. */
export const hasGunicorn = spawnSync('gunicorn', ['--version']).status === 0;

/** At its defaults: one worker, which takes a connection and reads until a request comes. */
export async function startGunicorn() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-gunicorn-'));
  writeFileSync(join(folder, 'wsgi.py'), APPLICATION);
  const child = spawn('gunicorn', ['-b', '127.0.0.1:0', 'wsgi:app'], { cwd: folder });
  const ended = once(child, 'exit');
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`gunicorn did not start: ${log}`)));
    child.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      const address = /Listening at: (http:\S+)/.exec(log)?.[1];
      if (address !== undefined && log.includes('Booting worker')) resolve(`${address}/mcp`);
    });
  });
  return {
    url,
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
