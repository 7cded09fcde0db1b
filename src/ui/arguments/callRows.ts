import { MASK } from '../../core/errors.ts';
import { excerpt } from '../../core/jsonrpc/excerpt.ts';
import { joined, type Line, line, lineOf } from '../surfaces/line.ts';
import type { ArgumentField } from './argumentField.ts';
import type { ArgumentMember } from './argumentPlan.ts';
import type { CallDraft } from './callDraft.ts';
import { ruleOf } from './fieldValue.ts';
import { isSchemaObject } from './schemaObject.ts';

/** One row of the list that stands between the last question and the call. */
export type CallRow = {
  readonly label: Line;
  readonly description?: Line;
  readonly detail?: Line;
} & (
  | { readonly kind: 'call' }
  | { readonly kind: 'separator' }
  | { readonly kind: 'member'; readonly member: ArgumentMember; readonly isSent: boolean }
);

/**
 * The call, then every argument of the tool: what is sent, with its value, and what is left out. So the user has seen both before the call.
 * @param proceed what the first row says, for example `Call`
 */
export function callRows(draft: CallDraft, proceed: Line): CallRow[] {
  const sent = draft.members.filter(({ name }) => draft.isSent(name));
  const left = draft.members.filter(({ name }) => !draft.isSent(name));
  return [
    { kind: 'call', label: joined(' ', line`$(play)`, proceed), description: callText(draft) },
    ...(sent.length === 0 ? [] : [separator(line`sent`)]),
    ...sent.map((member) => sentRow(draft, member)),
    ...(left.length === 0 ? [] : [separator(line`left out`)]),
    ...left.map((member) => leftRow(draft, member)),
  ];
}

/** What would be left out unasked, in a few words. */
export function callText(draft: CallDraft): Line {
  const { unasked } = draft;
  const incomplete = draft.members.filter(({ name }) => draft.isIncomplete(name)).map(({ name }) => name);
  return joined(
    ' · ',
    unasked.length === 0 ? undefined : line`without ${namesOf(unasked)}`,
    incomplete.length === 0 ? undefined : line`the secret of ${namesOf(incomplete)} was not kept`,
  );
}

/** `filter, sort, limit and 4 more`. */
function namesOf(names: readonly string[], most = 3): string {
  const named = names.slice(0, most).map((name) => lineOf(name, 60));
  const more = names.length - named.length;
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
}

/** What the row that sends the answers to a server says of what it was not possible to ask for. */
export function notAsked(names: readonly string[]): { readonly detail?: Line } {
  return names.length === 0 ? {} : { detail: line`not asked: ${namesOf(names, 5)}` };
}

function separator(label: Line): CallRow {
  return { kind: 'separator', label };
}

function sentRow(draft: CallDraft, member: ArgumentMember): CallRow {
  const { name } = member;
  const value = draft.shown[name];
  return {
    kind: 'member',
    member,
    isSent: true,
    label: lineOf(name, 80),
    description: joined(
      ' · ',
      lineOf(value === MASK ? MASK : excerpt(value, 160)),
      secretNote(draft, name),
      draft.questionOf(member) === undefined ? line`JSON` : undefined,
    ),
  };
}

function secretNote(draft: CallDraft, name: string): Line | undefined {
  return draft.isIncomplete(name) ? line`$(warning) its secret was not kept` : undefined;
}

function leftRow(draft: CallDraft, member: ArgumentMember): CallRow {
  const { name, schema, field } = member;
  const description =
    isSchemaObject(schema) && typeof schema.description === 'string' ? schema.description : '';
  return {
    kind: 'member',
    member,
    isSent: false,
    label: lineOf(name, 80),
    description: joined(
      ' · ',
      lineOf(kindOf(schema, field)),
      secretNote(draft, name),
      field === undefined ? line`JSON` : undefined,
    ),
    ...(description === '' ? {} : { detail: lineOf(description, 200) }),
  };
}

/** What a member holds, for example `a whole number from 1 to 10`, or `object`. */
function kindOf(schema: unknown, field: ArgumentField | undefined): string {
  switch (field?.kind) {
    case 'text':
    case 'number':
    case 'list':
      return ruleOf(field);
    case 'choice':
    case 'choices':
      return `${field.kind === 'choice' ? 'one' : 'some'} of ${namesOf(field.choices.map(({ label }) => label))}`;
    default:
      return isSchemaObject(schema) && typeof schema.type === 'string' ? schema.type : 'any value';
  }
}
