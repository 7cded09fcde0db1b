// What the suite asks of a server and the demo does not have. The suite tests a feature with tools, prompts and resources
// of exact names and answers (`test_simple_text`, `test://static-text`); in a demo they would be in a person's way.

const FIXTURE_TOOL = 'calls a tool of an exact name, which only a test server has';
const FIXTURE_PROMPT = 'gets a prompt of an exact name, which only a test server has';
const FIXTURE_RESOURCE = 'reads a resource of an exact URI, which only a test server has';
const NO_COMPLETION = 'the demo completes nothing, and does not declare that it does';
const NO_LOGGING = 'the demo does not log to its clients, and does not declare that it does';
const NO_SUBSCRIPTION = 'nothing of the demo changes, and it does not declare that it tells of changes';
const NO_TASKS = 'the demo runs no tasks, and does not declare the extension';
const NO_SKILLS = 'the demo has no skills, and does not declare the extension';

/** Scenarios that are not run against the demo: name -> why. */
export const SCENARIOS_LEFT_OUT: Readonly<Record<string, string>> = {
  'completion-complete': NO_COMPLETION,
  'logging-set-level': NO_LOGGING,
  'tools-call-simple-text': FIXTURE_TOOL,
  'tools-call-image': FIXTURE_TOOL,
  'tools-call-audio': FIXTURE_TOOL,
  'tools-call-embedded-resource': FIXTURE_TOOL,
  'tools-call-mixed-content': FIXTURE_TOOL,
  'tools-call-with-logging': FIXTURE_TOOL,
  'tools-call-error': FIXTURE_TOOL,
  'tools-call-with-progress': FIXTURE_TOOL,
  'tools-call-sampling': FIXTURE_TOOL,
  'tools-call-elicitation': FIXTURE_TOOL,
  'json-schema-2020-12': FIXTURE_TOOL,
  'elicitation-sep1034-defaults': FIXTURE_TOOL,
  'elicitation-sep1330-enums': FIXTURE_TOOL,
  'server-sse-polling': FIXTURE_TOOL,
  'resources-read-text': FIXTURE_RESOURCE,
  'resources-read-binary': FIXTURE_RESOURCE,
  'resources-templates-read': FIXTURE_RESOURCE,
  'resources-subscribe': NO_SUBSCRIPTION,
  'resources-unsubscribe': NO_SUBSCRIPTION,
  'sep-2640-skills-directory': NO_SKILLS,
  'sep-2640-skills-enumeration': NO_SKILLS,
  'sep-2640-skills-manifest': NO_SKILLS,
  'prompts-get-simple': FIXTURE_PROMPT,
  'prompts-get-with-args': FIXTURE_PROMPT,
  'prompts-get-embedded-resource': FIXTURE_PROMPT,
  'prompts-get-with-image': FIXTURE_PROMPT,
  'tasks-lifecycle': NO_TASKS,
  'tasks-capability-negotiation': NO_TASKS,
  'tasks-wire-fields': NO_TASKS,
  'tasks-request-state-removal': NO_TASKS,
  'tasks-mrtr-input': NO_TASKS,
  'tasks-request-headers': NO_TASKS,
  'tasks-dispatch-and-envelope': NO_TASKS,
  'tasks-status-notifications': NO_TASKS,
  'tasks-required-task-error': NO_TASKS,
  'tasks-mrtr-composition': NO_TASKS,
  'input-required-result-basic-elicitation': FIXTURE_TOOL,
  'input-required-result-basic-sampling': FIXTURE_TOOL,
  'input-required-result-basic-list-roots': FIXTURE_TOOL,
  'input-required-result-request-state': FIXTURE_TOOL,
  'input-required-result-multiple-input-requests': FIXTURE_TOOL,
  'input-required-result-multi-round': FIXTURE_TOOL,
  'input-required-result-missing-input-response': FIXTURE_TOOL,
  'input-required-result-non-tool-request': FIXTURE_PROMPT,
  'input-required-result-result-type': FIXTURE_TOOL,
  'input-required-result-tampered-state': FIXTURE_TOOL,
  'input-required-result-capability-check': FIXTURE_TOOL,
  'input-required-result-ignore-extra-params': FIXTURE_TOOL,
  // It would pass: the error that says that the tool is unknown is taken for the one that refuses its inputs.
  'input-required-result-validate-input': FIXTURE_TOOL,
};

/** Checks of scenarios that are run: scenario -> ids, each of which needs a tool of an exact name. */
export const CHECKS_LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'server-stateless': [
    // test_missing_capability
    'sep-2575-server-rejects-undeclared-capability',
    'sep-2575-missing-capability-http-400',
    // test_streaming_elicitation
    'sep-2575-http-server-no-independent-requests-on-stream',
    // test_logging_tool
    'sep-2575-server-no-log-without-loglevel',
  ],
};
