/**
 * Where the event table differs from the documents on purpose, and why.
 *
 * The conformance test fails on a difference that is not listed here, and on an entry here whose
 * difference is gone. `events` names the events of a variable; `every` stands for all that have it.
 */
import type { Difference, Fact } from './compare.js';
import { REFERENCE } from './reference.js';

export interface Deviation {
  readonly events: 'every' | readonly string[];
  readonly variable: string;
  readonly field: string;
  readonly reference: Fact;
  readonly table: Fact;
  readonly reason: string;
}

const AFTER_MAIL = ['onRcptTo', 'onHeadersReceived', 'onBodyChunk', 'onDataReceived'];
const CONTENT = ['onBodyChunk', 'onDataReceived'];

const SWAPPED =
  'The marks of zone and results are swapped there: a zone that cannot be set and results that cannot be read make checkDNSBL useless. The page of onConnect has them the other way round, and so has the table, everywhere.';
const TIMER = 'No range is printed; a timer needs a bound, and a day is beyond any use.';
const OWN_WORDS = 'No member is printed; these are ours.';

export const DEVIATIONS: readonly Deviation[] = [
  {
    events: AFTER_MAIL,
    variable: 'DNSBLServer',
    field: 'access',
    reference: 'in',
    table: 'out',
    reason: SWAPPED,
  },
  {
    events: CONTENT,
    variable: 'DNSBLResult',
    field: 'access',
    reference: 'out',
    table: 'in',
    reason: SWAPPED,
  },
  {
    events: CONTENT,
    variable: 'DNSBLExplanation',
    field: 'access',
    reference: 'out',
    table: 'in',
    reason: SWAPPED,
  },
  {
    events: AFTER_MAIL,
    variable: 'SPFResult',
    field: 'access',
    reference: 'in',
    table: 'inout',
    reason: 'Its own description says that a policy may set it by hand, which a read-only mark would forbid.',
  },
  {
    events: CONTENT,
    variable: 'remoteSmtpPort',
    field: 'type',
    reference: 'number',
    table: 'numeric',
    reason: 'The same type by another word; the page of onConnect calls it numeric.',
  },
  {
    events: ['onRelay'],
    variable: 'authPasswd',
    field: 'name',
    reference: 'atuhPasswd',
    table: 'authPasswd',
    reason: 'A misprint for the partner of authUser; the printed spelling works as an alias.',
  },
  {
    events: ['onRelay'],
    variable: 'smtpConnectTimeout',
    field: 'min',
    reference: undefined,
    table: 1,
    reason: `${TIMER} Zero would fail every connection.`,
  },
  {
    events: ['onRelay'],
    variable: 'smtpConnectTimeout',
    field: 'max',
    reference: undefined,
    table: 86400,
    reason: TIMER,
  },
  {
    events: ['onEhlo'],
    variable: 'waitProcessingTimeout',
    field: 'min',
    reference: undefined,
    table: 0,
    reason: TIMER,
  },
  {
    events: ['onEhlo'],
    variable: 'waitProcessingTimeout',
    field: 'max',
    reference: undefined,
    table: 86400,
    reason: TIMER,
  },
  {
    events: ['onTemporaryDeliveryFailure'],
    variable: 'ndrRescheduleDate',
    field: 'min',
    reference: undefined,
    table: 0,
    reason: 'Neither range nor unit is printed for this numeric date; we count seconds since 1970.',
  },
  {
    events: ['onTemporaryDeliveryFailure'],
    variable: 'ndrRescheduleDate',
    field: 'unit',
    reference: undefined,
    table: 's since 1970',
    reason: 'Neither range nor unit is printed for this numeric date; we count seconds since 1970.',
  },
  {
    events: 'every',
    variable: 'IsGeoIPBanned',
    field: 'default',
    reference: undefined,
    table: 'no',
    reason: 'No default is printed. Without a country database, or before the check, nobody is banned.',
  },
  {
    events: 'every',
    variable: 'filterType',
    field: 'values',
    reference: 'milter',
    table: 'milter spamd clamd rspamd http',
    reason: 'The member list was lost; the others are the further protocols that we speak.',
  },
  {
    events: 'every',
    variable: 'addFilterResult',
    field: 'values',
    reference: undefined,
    table: 'Ok Duplicate BadName BadType BadAddress',
    reason: OWN_WORDS,
  },
  {
    events: 'every',
    variable: "'filterName'.result",
    field: 'values',
    reference: undefined,
    table: 'NotRun Clean Match Error',
    reason: OWN_WORDS,
  },
  {
    events: 'every',
    variable: "'filterName'.result",
    field: 'default',
    reference: undefined,
    table: 'NotRun',
    reason: 'A filter that is registered and has not run yet needs a word for it.',
  },
  {
    events: 'every',
    variable: "'filterName'.action",
    field: 'default',
    reference: undefined,
    table: 'pass',
    reason: 'A filter that has not run decides nothing.',
  },
];

/** The differences that the list above announces, one per cell. */
export function announced(): readonly Difference[] {
  return DEVIATIONS.flatMap(({ events, variable, field, reference, table }) =>
    (events === 'every' ? eventsWith(variable) : events).map((event) => ({
      at: `${event}.${variable}`,
      field,
      reference,
      table,
    })),
  );
}

function eventsWith(variable: string): readonly string[] {
  return Object.keys(REFERENCE.events).filter((event) => variable in (REFERENCE.events[event]?.cells ?? {}));
}
