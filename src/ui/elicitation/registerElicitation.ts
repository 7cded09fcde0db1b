import { Elicitation, type ElicitationOptions } from './elicitation.ts';

export function registerElicitation(options: ElicitationOptions) {
  const elicitation = new Elicitation(options);
  return { elicitation, commands: { leaveQuestion: () => elicitation.leave() } };
}
