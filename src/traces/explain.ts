/**
 * A trace as prose: what each policy read, asked, set and decided, for the postmaster.
 *
 * Plain text for a terminal. Values come from strangers: control characters are escaped, long
 * values are cut, so that a trace cannot write escape sequences to the reader's screen.
 *
 * Callers: cli/explain, cli/demo.
 */
import type { TraceCall, TraceHandler, TraceStep } from '../hooks/trace.js';
import type { FoundTrace } from './find-trace.js';

const LONGEST_VALUE = 300;

/** Control characters, line ends of Unicode, and what turns the direction of writing. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** A line safe to print, wherever its parts came from. */
function escaped(line: string): string {
  return line.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value of the trace, cut to a readable length. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}

function plain(text: string): string {
  return shown(text).slice(1, -1).replaceAll('\\"', '"');
}

function callLine({ method, args, result, ms }: TraceCall): string {
  return `      asked  ${method}(${args.map(shown).join(', ')}) -> ${shown(result)}  in ${ms} ms`;
}

function handlerLines(handler: TraceHandler): string[] {
  const { policy, ms, reads, writes, calls, edits, verdict, failure } = handler;
  const ending = verdict === 'none' ? 'no decision' : verdict === 'failed' ? 'FAILED' : `decided: ${verdict}`;
  return [
    `    ${plain(policy)}  ${ending}  (${ms} ms)`,
    ...Object.entries(reads).map(([name, value]) => `      read   ${name} = ${shown(value)}`),
    ...calls.map(callLine),
    ...Object.entries(writes).map(([name, value]) => `      set    ${name} = ${shown(value)}`),
    ...edits.map((edit) => `      edit   ${plain(edit)}`),
    ...(failure === undefined
      ? []
      : [`      error  ${failure.code}: ${plain(failure.message)}${failure.at ? ` (${failure.at})` : ''}`]),
  ];
}

function verdictOf(step: TraceStep): string {
  if (step.handlers === undefined) return `engine: ${step.reason ?? ''}`;
  if (step.action === undefined || step.action === '') return 'no policy decided';
  return `${step.action}, decided by ${step.decidedBy ?? ''}`;
}

function stepLines(step: TraceStep, isNamed: boolean): string[] {
  const head = `${String(step.n).padStart(4)}  ${step.event}  ${verdictOf(step)}  (+${step.at} ms)`;
  const text = step.explanation || step.text;
  return [
    isNamed ? `${head}   <== this is the step you asked for` : head,
    ...(step.handlers ?? []).flatMap(handlerLines),
    ...(text ? [`    text   ${plain(text)}`] : []),
    ...(step.queueId === undefined ? [] : [`    queue id ${step.queueId}`]),
    ...(step.messageId === undefined ? [] : [`    message id ${plain(step.messageId)}`]),
  ];
}

/** The lines of an explanation. */
export function explainTrace({ record, step }: FoundTrace): readonly string[] {
  const began = new Date(record.time).toISOString();
  const ended =
    record.closed === undefined
      ? 'still open, or its end was not recorded'
      : `ended: ${plain(record.closed)}`;
  return [
    `session ${record.session}  ${began}  client ${plain(record.remoteIp)}  listener ${plain(record.listener)}  (${ended})`,
    '',
    ...record.steps.flatMap((each) => stepLines(each, each === step)),
  ].map(escaped);
}
