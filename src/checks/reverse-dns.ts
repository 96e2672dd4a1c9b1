/**
 * Does the client's address have a name, and does the name have the address?
 *
 * `pass`: a name leads back to the address. `fail`: there are names, and none does. `neutral`:
 * there is no name. `error`: nobody knows, because DNS was in trouble with a question that could
 * have turned the verdict. Only the first ten names are looked at: an address with thousands must not
 * buy thousands of questions. A reverse zone given away in part answers with an alias, which
 * the resolver follows. Always resolves.
 *
 * Callers: hooks/methods. RFC 1912 §2.1, RFC 2317 §4, RFC 8601 §2.7.3.
 */
import { foldName, isHostName } from '../dns/host-name.js';
import { type IpAddress, isSameAddress, parseIpAddress } from '../dns/ip-address.js';
import type { ResolveOptions, Resolver } from '../dns/resolver.js';
import { reverseName } from '../dns/reverse-name.js';
import { type CheckOutcome, printable } from './outcome.js';

export type ReverseDnsStatus = 'pass' | 'fail' | 'neutral' | 'error';

export interface ReverseDnsOutcome extends CheckOutcome<ReverseDnsStatus> {
  /** The confirmed name; empty unless the status is `pass`. */
  readonly name: string;
  /** Names that were looked at; not confirmed, so not to be trusted. */
  readonly names: readonly string[];
}

export interface ReverseDnsArgs {
  readonly ip: string;
  readonly signal?: AbortSignal;
}

const MOST_NAMES = 10;

export async function checkReverseDns(
  deps: { readonly resolver: Resolver },
  args: ReverseDnsArgs,
): Promise<ReverseDnsOutcome> {
  const address = parseIpAddress(args.ip);
  const pointer = reverseName(args.ip);
  if (!address || pointer === undefined) {
    return nameless('neutral', `${printable(args.ip, 60)} is no address`, []);
  }
  const options = args.signal ? { signal: args.signal } : {};
  const answer = await deps.resolver.resolve(pointer, 'PTR', options);
  if (answer.status === 'none')
    return nameless('neutral', `${args.ip} has no name`, [`PTR ${pointer}: none`]);
  if (answer.status === 'tempFail') {
    return nameless('error', printable(answer.detail), [`PTR ${pointer}: ${answer.trouble}`]);
  }
  const names = answer.records.map(foldName).filter(isHostName).slice(0, MOST_NAMES);
  const found = `PTR ${pointer}: ${names.length === 0 ? 'no usable name' : names.join(' ')}`;
  const [first] = names;
  if (first === undefined) return nameless('fail', `${args.ip} has no usable name`, [found]);

  const confirmations = await Promise.all(
    names.map((name) => confirm(deps.resolver, { name, address, options })),
  );
  const evidence = [found, ...confirmations.map((one) => one.evidence)];
  const confirmed = names[confirmations.findIndex((one) => one.status === 'yes')];
  if (confirmed !== undefined) return { status: 'pass', name: confirmed, names, explanation: '', evidence };
  // A name that could not be asked may have been the right one.
  return confirmations.some((one) => one.status === 'unknown')
    ? {
        status: 'error',
        name: '',
        names,
        explanation: `the names of ${args.ip} could not be asked`,
        evidence,
      }
    : { status: 'fail', name: '', names, explanation: `${first} does not lead to ${args.ip}`, evidence };
}

interface Confirmation {
  readonly status: 'yes' | 'no' | 'unknown';
  readonly evidence: string;
}

async function confirm(
  resolver: Resolver,
  asked: { readonly name: string; readonly address: IpAddress; readonly options: ResolveOptions },
): Promise<Confirmation> {
  const { name, address, options } = asked;
  const type = address.family === 4 ? 'A' : 'AAAA';
  const answer = await resolver.resolve(name, type, options);
  if (answer.status === 'none') return { status: 'no', evidence: `${type} ${name}: none` };
  if (answer.status === 'tempFail') {
    const status = answer.trouble === 'badName' ? 'no' : 'unknown';
    return { status, evidence: `${type} ${name}: ${answer.trouble}` };
  }
  const isConfirmed = answer.records.some((record) => {
    const other = parseIpAddress(record);
    return other !== undefined && isSameAddress(other, address);
  });
  const shown = answer.records.slice(0, MOST_NAMES).join(' ');
  return { status: isConfirmed ? 'yes' : 'no', evidence: `${type} ${name}: ${shown}` };
}

function nameless(
  status: ReverseDnsStatus,
  explanation: string,
  evidence: readonly string[],
): ReverseDnsOutcome {
  return { status, name: '', names: [], explanation, evidence };
}
