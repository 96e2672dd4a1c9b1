/** docs/reference/variables.md: one section per variable, with its cell in every event. */
import {
  accessOf,
  cellOf,
  defaultOf,
  EVENT_NAMES,
  EVENTS,
  type EventName,
  FILTER_SLOT,
  VARIABLE_NAMES,
  variableOf,
} from '../../src/hooks/table/index.js';
import type { Access, Lifetime, VariableSpec } from '../../src/hooks/table/spec.js';
import type { GeneratedFile } from './generator.js';
import { code, head, link, page, table } from './markdown.js';
import { accessWord, cellMark, isEstablished, LEGEND, reasons } from './provenance.js';
import { rangeWord } from './type-word.js';

const LIFETIMES: Readonly<Record<Lifetime, string>> = {
  command: 'the current command',
  message: 'the message',
  session: 'the connection; set from onMailFrom on, the message',
};

const INTRO = `Every documented variable with its type, values, range and default, and what each event may do with it.
Choice values are accepted in any letter case and kept as spelt here. A \`multival\` is a text of several values separated
by spaces. A variable that nobody has set and that has no default reads as the empty string.

${LEGEND}`;

const SLOT_INTRO = `Every filter that addFilter registered, or that the configuration names, has three variables of its own:
\`ctx.filters['name'].result\`, \`.action\` and \`.explanation\`. They exist in all SMTPIn events.`;

const SMTP_IN = EVENT_NAMES.filter((event) => EVENTS[event].context === 'SMTPIn');

export function variablesPage(): readonly GeneratedFile[] {
  const slots = Object.entries(FILTER_SLOT).map(([key, slot]) => slotSection(key, slot));
  const sections = [...VARIABLE_NAMES].sort(alphabetically).map(section);
  const text = page([
    head('Variables', 'src/hooks/table'),
    INTRO,
    ...sections,
    '## Variables of a filter',
    SLOT_INTRO,
    ...slots,
  ]);
  return [{ path: 'docs/reference/variables.md', text }];
}

function alphabetically(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

function section(name: string): string {
  const spec = variableOf(name);
  if (spec === undefined) throw new Error(`${name} is not in the table`);
  const events = EVENT_NAMES.filter((event) => cellOf(event, name) !== undefined);
  const rows = events.map((event) => [
    link('events', event),
    accessWord(accessOf(event, name) ?? 'in'),
    defaultWord(defaultOf(event, name)),
    cellOf(event, name)?.doc ?? '',
    cellMark(event, name),
  ]);
  const cells = table(['Event', 'Access', 'Default', 'There it means', 'In the original'], rows);
  return [`## ${name}`, spec.doc, facts(name, spec, events), cells].join('\n\n');
}

function slotSection(key: string, slot: VariableSpec & { readonly access: Access }): string {
  const name = `'filterName'.${key}`;
  return [
    `### ${name}`,
    slot.doc,
    [`- Access: ${accessWord(slot.access)}`, facts(name, slot, SMTP_IN)].join('\n'),
    `In the original: ${slotMarks(name)}.`,
  ].join('\n\n');
}

/** The marks of a slot, each with the events that have it. */
function slotMarks(name: string): string {
  const byMark = new Map<string, string[]>();
  for (const event of SMTP_IN) {
    const mark = cellMark(event, name);
    byMark.set(mark, [...(byMark.get(mark) ?? []), event]);
  }
  return [...byMark].map(([mark, events]) => `${mark}: ${events.join(', ')}`).join('; ');
}

function facts(name: string, spec: VariableSpec, events: readonly EventName[]): string {
  const lines = [`- Type: ${spec.type}`];
  const range = rangeWord(spec);
  if (spec.values !== undefined) lines.push(`- Values: ${valueWords(name, spec.values, events)}`);
  if (range !== '') lines.push(`- Range: ${range}`);
  if (spec.default !== undefined) lines.push(`- Default: ${code(spec.default)}`);
  lines.push(`- Holds for: ${LIFETIMES[spec.life]}`);
  if (spec.secret === true) lines.push('- Secret: never shown in traces, logs or expanded texts');
  if (spec.aliases !== undefined) lines.push(`- Also accepted as: ${spec.aliases.map(code).join(', ')}`);
  return [...lines, ...reasons(name).map((reason) => `- Differs from the original: ${reason}`)].join('\n');
}

function valueWords(name: string, values: readonly string[], events: readonly EventName[]): string {
  const known = (value: string): boolean => events.some((event) => isEstablished(event, name, value));
  const printed = values.filter(known).map(code).join(', ');
  const ours = values.filter((value) => !known(value)).map(code);
  const marked = ours.length === 0 ? '' : `${ours.join(', ')} (not printed in the original)`;
  return [printed, marked].filter((part) => part !== '').join('; ');
}

function defaultWord(value: string | number | undefined): string {
  return value === undefined ? '' : code(value);
}
