/**
 * checkDNSBL: is the client on a block list.
 *
 * One zone, or several at once by argument: the first listing in the order of the zones decides,
 * else the first list that had trouble is named. A list that answers something that is no listing,
 * or does not answer, never counts as a listing; its trouble stands in DNSBLExplanation and the
 * status, and the trace. What each list said stands in `lists`, for policies that weigh them.
 * Told as one check, by what decided.
 *
 * Callers: methods/index. RFC 5782.
 */
import { checkDnsbls, type DnsblOutcome } from '../../checks/dnsbl.js';
import type { Resolver } from '../../dns/resolver.js';
import { type Method, type MethodCall, misuse } from './method.js';
import type { DnsblAnswer, DnsblList } from './signatures.js';
import { told, type TellDeps } from './told-check.js';

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

function listOf({ status, zone, codes, explanation }: DnsblOutcome): DnsblList {
  const isSilent = status === 'listed' && explanation === '';
  return {
    zone,
    status,
    codes,
    explanation: isSilent ? `listed in ${zone} (${codes[0] ?? ''})` : explanation,
  };
}

function answerOf(outcomes: readonly DnsblOutcome[]): DnsblAnswer {
  const { zone, status, codes, explanation } = listOf(decisive(outcomes));
  return {
    DNSBLResult: codes[0] ?? '',
    DNSBLExplanation: explanation,
    status,
    zone,
    codes,
    lists: outcomes.map(listOf),
  };
}

export function checkDnsblMethod(deps: TellDeps & { readonly resolver: Resolver }): Method {
  return async (call, [argument]): Promise<DnsblAnswer> => {
    const zones = zonesOf(call, argument);
    const ip = String(call.read('remoteSmtpIp') ?? '');
    const asking = checkDnsbls(deps, { ip, zones, until: call });
    const outcomes = await told(deps, 'dnsbl', asking, decisive);
    const answer = answerOf(outcomes);
    call.fill('DNSBLServer', answer.zone);
    call.fill('DNSBLResult', answer.DNSBLResult);
    call.fill('DNSBLExplanation', answer.DNSBLExplanation);
    return answer;
  };
}
