/**
 * `postern check`: whether the next hops of delivery.routes answer.
 *
 * A next hop that is silent is a warning: mail for it waits in the queue, and it may well be
 * started later than Postern.
 *
 * Callers: app/check. The conversation comes from outside.
 */
import type { ProbeOptions, ProbeOutcome } from '../delivery/smtp/probe.js';
import type { CheckStep, Finding } from './check-step.js';
import { configuredRoutes } from './compose-delivery.js';

export type NextHopProbe = (options: Omit<ProbeOptions, 'clock'>) => Promise<ProbeOutcome>;

export function nextHopsStep(probe: NextHopProbe): CheckStep {
  return {
    name: 'next hops',
    async run(config) {
      const asked = new Set<string>();
      const findings: Finding[] = [];
      for (const { key, hop, tls } of configuredRoutes(config)) {
        if (!hop || asked.has(`${tls} ${hop.url}`)) continue;
        asked.add(`${tls} ${hop.url}`);
        const outcome = await probe({ hop, tls, hostname: config.hostname });
        if (outcome.status === 'answers') continue;
        const message = `${key}: ${hop.url} cannot be used now: ${outcome.reason}`;
        const hint =
          'Start the other server, or correct delivery.routes; its mail waits in the queue until then.';
        findings.push({ severity: 'warning', message, hint });
      }
      return findings;
    },
  };
}
