import { isSluiceError, SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import { INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, USER_REJECTED } from './errorCodes.ts';
import type {
  ElicitOrigin,
  ElicitRequest,
  ElicitResult,
  Implementation,
  Root,
  SampleRequest,
  SampleResult,
} from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';
import { sampleProblem } from './sampling.ts';

/** What this client can do for a server that asks. Absent members are not declared as capabilities. */
export interface ClientFeatures {
  readonly elicit?:
    | ((request: ElicitRequest, signal: AbortSignal, origin: ElicitOrigin) => Promise<ElicitResult>)
    | undefined;
  readonly roots?: (() => readonly Root[] | Promise<readonly Root[]>) | undefined;
  /** Undefined is the user's no. */
  readonly sample?:
    | ((request: SampleRequest, signal: AbortSignal) => Promise<SampleResult | undefined>)
    | undefined;
  /** What `sample` is given may have tools for the model. */
  readonly sampleTools?: boolean | undefined;
  /** Skills are loaded: a server need not offer them in another way. */
  readonly skills?: boolean | undefined;
}

export interface ClientIdentity {
  readonly info: Implementation;
  readonly features: ClientFeatures;
}

/** `ClientCapabilities`, as one revision spells them. */
export function clientCapabilities(features: ClientFeatures, revision: Revision): Record<string, unknown> {
  const capabilities: Record<string, unknown> = {};
  if (features.elicit !== undefined && revision.elicitation !== 'none')
    capabilities['elicitation'] = revision.elicitation === 'form-and-url' ? { form: {}, url: {} } : {};
  if (features.roots !== undefined)
    capabilities['roots'] = revision.rootsChanges ? { listChanged: true } : {};
  if (features.sample !== undefined)
    capabilities['sampling'] = samplesWithTools(features, revision) ? { tools: {} } : {};
  const extensions = {
    ...(revision.tasks === 'extension' && { [TASKS_EXTENSION]: {} }),
    ...(revision.skills === 'extension' && features.skills === true && { [SKILLS_EXTENSION]: {} }),
  };
  if (Object.keys(extensions).length > 0) capabilities['extensions'] = extensions;
  return capabilities;
}

/** Of 2026-07-28: a tool call may be answered with a task (ext-tasks, Extension Identifier). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
/** ext-skills, Extension Identifier. */
export const SKILLS_EXTENSION = 'io.modelcontextprotocol/skills';

/**
 * Does what a server asks of its client: as a request on a stream (legacy) or inside `input_required` (modern).
 * @param revision undefined while it is not known yet
 * @throws SluiceError `input-required-failed` where this client cannot do it; `answerCode` says how a server is told
 */
export async function fulfil(
  method: string,
  params: unknown,
  features: ClientFeatures,
  revision: Revision | undefined,
  signal: AbortSignal,
  origin: ElicitOrigin,
): Promise<Record<string, unknown>> {
  if (method === 'ping') return {};
  if (method === 'roots/list' && features.roots !== undefined)
    return { roots: (await features.roots()).filter(isFileRoot) };
  if (method === 'elicitation/create' && features.elicit !== undefined && revision?.elicitation !== 'none') {
    const request = readElicitRequest(params, revision);
    const answer = await features.elicit(request, signal, origin);
    return answer.action === 'accept' && request.mode === 'form'
      ? { ...answer, content: { ...defaultsOf(request.requestedSchema), ...answer.content } }
      : { ...answer };
  }
  if (method === 'sampling/createMessage' && features.sample !== undefined) {
    const problem = sampleProblem(params, samplesWithTools(features, revision));
    if (problem !== undefined)
      throw failed(`asks for a model’s answer (sampling) in an invalid way: ${problem}`);
    const result = await features.sample(params as SampleRequest, signal);
    if (result === undefined)
      throw failed('asks for a model’s answer (sampling), and the user rejected it', USER_REJECTED);
    return { ...result };
  }
  throw failed(`asks for ${method}, which this client does not offer`, METHOD_NOT_FOUND);
}

/** The JSON-RPC error code that a legacy server is answered with. */
export function answerCode(error: unknown): number {
  const cause = isSluiceError(error) ? error.cause : undefined;
  return isObject(cause) && typeof cause['code'] === 'number' ? cause['code'] : INTERNAL_ERROR;
}

/** "This MUST be a file:// URI", and one that says where it leads: with no `..` in it. */
function isFileRoot({ uri }: Root): boolean {
  return (
    URL.canParse(uri) && new URL(uri).protocol === 'file:' && !/(?:^|\/)(?:\.|%2e){2}(?:\/|$)/i.test(uri)
  );
}

function samplesWithTools(features: ClientFeatures, revision: Revision | undefined): boolean {
  return features.sampleTools === true && revision?.sampling === 'with-tools';
}

function readElicitRequest(params: unknown, revision: Revision | undefined): ElicitRequest {
  if (!isObject(params) || typeof params['message'] !== 'string') throw malformed('it has no "message"');
  const { message, mode = 'form', url, requestedSchema } = params;
  if (mode === 'url') {
    // "Server sends an elicitation/create request with a mode not declared in client capabilities: -32602"
    if (revision?.elicitation === 'form')
      throw malformed(`its mode is "url", which ${revision.version} lacks`);
    if (typeof url !== 'string' || !URL.canParse(url)) throw malformed('its "url" is not a URL');
    const { elicitationId, requestedSchema: _, ...rest } = params;
    const id = typeof elicitationId === 'string' ? { elicitationId } : {};
    return { ...rest, ...id, mode, message, url };
  }
  // "Clients MUST treat requests without a mode field as form mode."
  if (mode !== 'form') throw malformed(`its "mode" is ${excerpt(mode)}`);
  if (!isObject(requestedSchema)) throw malformed('its "requestedSchema" is not an object');
  const { url: _, elicitationId: __, ...rest } = params;
  return { ...rest, mode, message, requestedSchema };
}

function malformed(problem: string): SluiceError {
  return failed(`sends an elicitation that cannot be shown: ${problem}`);
}

function failed(what: string, code = INVALID_PARAMS): SluiceError {
  return new SluiceError('input-required-failed', `The server ${what}`, {
    phase: 'response',
    delivery: 'answered',
    hint:
      code === METHOD_NOT_FOUND
        ? 'Sluice declares what it offers; this server asks for more than that.'
        : 'The call needs this: without it, it cannot be completed.',
    cause: { code },
  });
}

/** Defaults of a form's fields: what the user leaves out is sent as the server proposed it. */
function defaultsOf(schema: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const properties = schema?.['properties'];
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, field]) =>
      isObject(field) && field['default'] !== undefined ? [[name, field['default']]] : [],
    ),
  );
}
