/**
 * `postern check`: settings that name something outside, or that have no effect.
 *
 * Callers: app/check.
 */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openAsnFile, openGeoFile } from '../checks/geo-ip-reader.js';
import { formatSize } from '../core/units.js';
import type { CheckStep, Finding } from './check-step.js';

/** The nearest folder above that exists already. */
function existing(dir: string): string {
  let at = dir;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

export const freeSpaceStep: CheckStep = {
  name: 'free space',
  async run({ dataDir, queue }) {
    const { bavail, bsize } = await statfs(existing(dataDir));
    const free = bavail * bsize;
    if (free >= queue.minFreeSpace) return [];
    return [
      {
        severity: 'error',
        message: `${formatSize(free)} are free on the disk of ${dataDir}; below queue.minFreeSpace (${formatSize(queue.minFreeSpace)}) all mail is answered 452`,
        hint: 'Free disk space, or lower queue.minFreeSpace.',
      },
    ];
  },
};

export const geoStep: CheckStep = {
  name: 'GeoIP',
  async run({ geoip }) {
    const findings: Finding[] = [];
    for (const { setting, path, kind, open } of [
      { setting: 'geoip.country', path: geoip.country, kind: 'country', open: openGeoFile },
      { setting: 'geoip.asn', path: geoip.asn, kind: 'ASN', open: openAsnFile },
    ]) {
      if (path === '') continue;
      const opened = await open(path);
      if (opened.status === 'opened') continue;
      findings.push({
        severity: 'error',
        message: `${path} cannot be used as GeoIP database: ${opened.reason}`,
        hint: `Give the path of a database in MaxMind format with ${kind} data, or remove ${setting}.`,
      });
    }
    return findings;
  },
};

export const effectStep: CheckStep = {
  name: 'effect',
  async run({ workers }) {
    if (workers <= 1) return [];
    return [
      {
        severity: 'warning',
        message: `workers: ${workers} has the effect of 1; this version runs one engine process`,
        hint: 'Set workers to 1, or to 0 to run without a supervisor.',
      },
    ];
  },
};
