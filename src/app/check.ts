/**
 * Questions asked before a start: is everything there that the configuration relies on?
 *
 * Steps run one after the other, and a step that fails itself becomes a finding, so that one bad
 * disk does not hide the rest.
 *
 * Callers: cli/commands/check. Never rejects.
 */
import { systemClock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { dkimStep } from './check-dkim.js';
import { dataDirStep, maildirStep } from './check-folders.js';
import { listenersStep } from './check-listeners.js';
import { settingsStep } from './check-settings.js';
import { dnsStep, type OpenResolver, type PortProbe, portsStep } from './check-network.js';
import { nextHopsStep, type NextHopProbe } from './check-next-hops.js';
import { policiesStep } from './check-policies.js';
import { effectStep, freeSpaceStep, geoStep } from './check-resources.js';
import type { CheckReport, CheckStep, Finding } from './check-step.js';
import { tlsStep } from './check-tls.js';
import { usersStep } from './check-users.js';
import type { Config } from './config-types.js';

/** What the steps need from outside. */
export interface CheckDeps {
  /** Tries to open a port and closes it again. */
  readonly probePort: PortProbe;
  /** A resolver as the engine would use it; the step closes it. */
  readonly openResolver: OpenResolver;
  /** Tries to talk to a next hop. */
  readonly probeNextHop: NextHopProbe;
}

/** The steps in the order in which they are shown. */
export function createCheckSteps(deps: CheckDeps): readonly CheckStep[] {
  return [
    policiesStep,
    dataDirStep,
    freeSpaceStep,
    maildirStep,
    nextHopsStep(deps.probeNextHop),
    tlsStep(systemClock),
    usersStep,
    settingsStep,
    listenersStep,
    portsStep(deps.probePort),
    dnsStep(deps.openResolver),
    dkimStep(deps.openResolver, systemClock),
    geoStep,
    effectStep,
  ];
}

async function runStep(step: CheckStep, config: Config): Promise<readonly Finding[]> {
  try {
    return await step.run(config);
  } catch (error) {
    const hint = 'The other checks are not affected; please report this one.';
    return [{ severity: 'error', message: `the check itself failed: ${messageOf(error)}`, hint }];
  }
}

/** Runs all steps, in their order. */
export async function runChecks(
  config: Config,
  steps: readonly CheckStep[],
): Promise<readonly CheckReport[]> {
  const reports: CheckReport[] = [];
  for (const step of steps) reports.push({ step: step.name, findings: await runStep(step, config) });
  return reports;
}
