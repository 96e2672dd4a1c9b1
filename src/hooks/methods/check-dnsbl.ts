/**
 * checkDNSBL: is the client on a block list.
 *
 * One zone, or several at once by argument: the first listing in the order of the zones decides,
 * else the first list that had trouble is named. A list that answers something that is no listing,
 * or does not answer, never counts as a listing; its trouble stands in DNSBLExplanation and the
 * status, and the trace.
 *
 * Callers: methods/index. RFC 5782.
 */
import { checkDnsbls, type DnsblOutcome } from '../../checks/dnsbl.js';
import type { Clock } from '../../core/clock.js';
import type { Resolver } from '../../dns/resolver.js';
import { type Method, type MethodCall, misuse } from './method.js';
import type { DnsblAnswer } from './signatures.js';

/** Zones one call may ask at once. */
const MOST_ZONES = 32;

function zonesOf(call: MethodCall, argument: unknown): readonly string[] {
  if (Array.isArray(argument)) {
    if (argument.length === 0 || argument.length > MOST_ZONES)
      throw misuse(call, `takes 1 to ${MOST_ZONES} zones`);
    for (const zone of argument as unknown[]) call.input('DNSBLServer', zone);
    return argument as readonly string[];
  }
  if (argument !== undefined) call.input('DNSBLServer', argument);
  const zone = String(call.read('DNSBLServer') ?? '');
  if (zone === '') throw misuse(call, 'no zone: set DNSBLServer or give one as argument');
  return [zone];
}

function decisive(outcomes: readonly DnsblOutcome[]): DnsblOutcome {
  const found =
    outcomes.find((outcome) => outcome.status === 'listed') ??
    outcomes.find((outcome) => outcome.status !== 'notListed') ??
    outcomes[0];
  return found as DnsblOutcome;
}

function answerOf({ status, zone, codes, explanation }: DnsblOutcome): DnsblAnswer {
  const listed = status === 'listed';
  const [code = ''] = codes;
  return {
    DNSBLResult: listed ? code : '',
    DNSBLExplanation: listed && explanation === '' ? `listed in ${zone} (${code})` : explanation,
    status,
    zone,
  };
}

export function checkDnsblMethod(deps: { readonly resolver: Resolver; readonly clock: Clock }): Method {
  return async (call, [argument]): Promise<DnsblAnswer> => {
    const zones = zonesOf(call, argument);
    const ip = String(call.read('remoteSmtpIp') ?? '');
    const outcomes = await checkDnsbls(deps, { ip, zones, signal: call.signal });
    const answer = answerOf(decisive(outcomes));
    call.fill('DNSBLServer', answer.zone);
    call.fill('DNSBLResult', answer.DNSBLResult);
    call.fill('DNSBLExplanation', answer.DNSBLExplanation);
    return answer;
  };
}
