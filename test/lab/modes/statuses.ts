import { type Answer, type HttpAnswer, httpAnswer } from '../answer.ts';

/** Answers with `status` and never runs the request. */
export function status(code: number, answer: HttpAnswer = {}): Answer {
  return httpAnswer(code, { type: 'text/plain', body: `lab says ${code}`, ...answer });
}

/** 401 with the challenge of a protected MCP server. */
export const unauthorized: Answer = async (exchange) => {
  const { host } = exchange.request.headers;
  const metadata = `http://${host}/.well-known/oauth-protected-resource/mcp`;
  const challenge = `Bearer resource_metadata="${metadata}", scope="tools"`;
  return status(401, { headers: { 'WWW-Authenticate': challenge } })(exchange);
};

/** 403 for a token that lacks a scope. */
export const forbidden: Answer = status(403, {
  headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="tools admin"' },
});

/** 429 with `Retry-After` in seconds. */
export function rateLimited({ retryAfter = 2 }: { retryAfter?: number | string } = {}): Answer {
  return status(429, { headers: { 'Retry-After': String(retryAfter) } });
}

/**
 * A redirect. Without `to` it stays on this server, whose other path answers promptly;
 * for another origin pass the URL of a second lab, whose counts then prove what followed.
 */
export function redirect(code: 301 | 302 | 303 | 307 | 308, { to = '/moved' } = {}): Answer {
  return status(code, { headers: { Location: to } });
}
