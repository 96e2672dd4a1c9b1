/** docs/reference/events.md: one section per event with its variables and methods. */
import {
  accessOf,
  defaultOf,
  docOf,
  EVENT_NAMES,
  EVENTS,
  type EventName,
  FILTER_SLOT,
  variableOf,
} from '../../src/hooks/table/index.js';
import type { Access, VariableSpec } from '../../src/hooks/table/spec.js';
import type { GeneratedFile } from './generator.js';
import { code, head, link, page, table } from './markdown.js';
import { accessWord, cellMark, LEGEND, methodMark } from './provenance.js';
import { typeWord } from './type-word.js';

const INTRO = `A policy handles an event by a function of the same name. \`IN\` variables are read, \`OUT\` variables are
set, \`IN/OUT\` variables are both. Writing an \`IN\` variable, or using one that the event does not have, is refused.

${LEGEND}`;

const SLOTS = `Each registered filter also has its own three variables under \`ctx.filters['name']\`.`;

export function eventsPage(): readonly GeneratedFile[] {
  const overview = table(
    ['Event', 'Context', 'Called when'],
    EVENT_NAMES.map((event) => [
      `[${event}](#${event.toLowerCase()})`,
      EVENTS[event].context,
      EVENTS[event].doc,
    ]),
  );
  const text = page([head('Events', 'src/hooks/table'), INTRO, overview, ...EVENT_NAMES.map(section)]);
  return [{ path: 'docs/reference/events.md', text }];
}

function section(event: EventName): string {
  const row = EVENTS[event];
  const rows = [...Object.keys(row.vars).map((name) => variableRow(event, name))];
  const parts = [`## ${event}`, `${row.doc} Context: ${row.context}.`];
  if (row.context === 'SMTPIn') {
    parts.push(SLOTS);
    rows.push(...Object.entries(FILTER_SLOT).map(([key, slot]) => slotRow(event, key, slot)));
  }
  parts.push(
    rows.length === 0
      ? 'It has no variables.'
      : table(['Variable', 'Access', 'Type', 'Default', 'Meaning', 'In the original'], rows),
    methods(event),
  );
  return parts.join('\n\n');
}

function variableRow(event: EventName, name: string): readonly string[] {
  const spec = variableOf(name);
  const access = accessOf(event, name);
  if (spec === undefined || access === undefined) throw new Error(`${event}.${name} is not in the table`);
  return [
    link('variables', name),
    accessWord(access),
    typeWord(spec),
    defaultWord(defaultOf(event, name)),
    docOf(event, name) ?? '',
    cellMark(event, name),
  ];
}

function slotRow(
  event: EventName,
  key: string,
  slot: VariableSpec & { readonly access: Access },
): readonly string[] {
  const name = `'filterName'.${key}`;
  return [
    `[${name}](variables.md#variables-of-a-filter)`,
    accessWord(slot.access),
    typeWord(slot),
    defaultWord(slot.default),
    slot.doc,
    cellMark(event, name),
  ];
}

function defaultWord(value: string | number | undefined): string {
  return value === undefined ? '' : code(value);
}

function methods(event: EventName): string {
  const names: readonly string[] = EVENTS[event].methods;
  if (names.length === 0) return 'Methods: none.';
  const lines = names.map((name) => `- ${link('methods', name)}${methodMark(event, name)}`);
  return `Methods:\n\n${lines.join('\n')}`;
}
