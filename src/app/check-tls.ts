/**
 * `postern check`: do the certificates load, fit their keys and names, and are they in date.
 *
 * Callers: app/check. What TLS cannot use is an error; what would surprise somebody is a warning.
 */
import { stat } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import {
  type Certificate,
  type CertificateReading,
  EXPIRY_WARNING_MS,
  readCertificate,
  whyOutOfDate,
} from '../engine/listener/certificate.js';
import type { CheckStep, Finding } from './check-step.js';
import type { Config } from './config-types.js';
import { certificateFiles } from './tls-files.js';

interface Pair {
  /** The section of the configuration: `tls`, `tls.hosts[0]`. */
  readonly section: string;
  readonly certificate: string;
  readonly key: string;
  /** What a client will compare the certificate with. */
  readonly name: string;
}

function pairsOf({ tls, hostname }: Config): readonly Pair[] {
  if (tls.certificate === '') return [];
  const { certificate, key } = tls;
  const hosts = tls.hosts.map((host, index) => ({ ...host, section: `tls.hosts[${index}]` }));
  return [{ section: 'tls', certificate, key, name: hostname }, ...hosts];
}

async function read(pair: Pair, minVersion: Config['tls']['minVersion']): Promise<CertificateReading> {
  try {
    const certificate = await certificateFiles.read(pair.certificate);
    const key = await certificateFiles.read(pair.key);
    return readCertificate({ certificate, key }, minVersion);
  } catch (error) {
    return { status: 'bad', reason: messageOf(error) };
  }
}

const RENEW = 'Renew the certificate; a running Postern takes the new files over by itself.';

function dateFinding(pair: Pair, certificate: Certificate, now: number): readonly Finding[] {
  const reason = whyOutOfDate(certificate, now);
  if (reason !== undefined) {
    return [{ severity: 'error', message: `${pair.section}: ${reason} (${pair.certificate})`, hint: RENEW }];
  }
  if (certificate.validTo - now > EXPIRY_WARNING_MS) return [];
  const end = new Date(certificate.validTo).toISOString();
  const message = `${pair.section}: the certificate expires on ${end} (${pair.certificate})`;
  return [{ severity: 'warning', message, hint: RENEW }];
}

function nameFinding(pair: Pair, certificate: Certificate): readonly Finding[] {
  if (certificate.covers(pair.name)) return [];
  const message = `${pair.section}: the certificate is not for ${pair.name} (${pair.certificate})`;
  const hint = 'Clients that check names will not accept it; have it made out for the name that they use.';
  return [{ severity: 'warning', message, hint }];
}

const OTHERS_MAY_READ = 0o004;

async function keyFinding(pair: Pair): Promise<readonly Finding[]> {
  const { mode } = await stat(pair.key);
  if ((mode & OTHERS_MAY_READ) === 0) return [];
  const message = `${pair.section}: every user of this machine can read the key ${pair.key}`;
  return [{ severity: 'warning', message, hint: 'Take the right to read it from others: chmod o-r.' }];
}

async function findingsOf(pair: Pair, minVersion: Config['tls']['minVersion'], now: number) {
  const reading = await read(pair, minVersion);
  if (reading.status === 'bad') {
    const message = `${pair.section}: ${reading.reason} (${pair.certificate}, ${pair.key})`;
    const hint = 'Name PEM files that belong together and that the user who runs Postern can read.';
    return [{ severity: 'error', message, hint } as const];
  }
  const { certificate } = reading;
  return [
    ...dateFinding(pair, certificate, now),
    ...nameFinding(pair, certificate),
    ...(await keyFinding(pair)),
  ];
}

/** Every pair of the configuration; none when there is no TLS. */
export function tlsStep(clock: Clock): CheckStep {
  return {
    name: 'TLS',
    async run(config) {
      const findings: Finding[] = [];
      for (const pair of pairsOf(config))
        findings.push(...(await findingsOf(pair, config.tls.minVersion, clock.now())));
      return findings;
    },
  };
}
