/**
 * Certificate files on disk, for the engine, which opens none itself.
 *
 * Callers: app at the start, and the check of certificates. Both answers reject with what the
 * system says when a file is missing, unreadable or absurdly large.
 */
import { readFile, stat } from 'node:fs/promises';
import type { CertificateFiles } from '../engine/listener/certificate-slot.js';

/** A chain of certificates has some kilobytes; what is larger is something else. */
const LARGEST_FILE = 1024 * 1024;

async function lookAt(path: string): Promise<string> {
  // The file that a link points to: certificates are often renewed by changing the link.
  const { ino, size, mtimeMs } = await stat(path);
  if (size > LARGEST_FILE) throw new Error(`${path} is larger than ${LARGEST_FILE} octets`);
  return `${ino} ${size} ${mtimeMs}`;
}

export const certificateFiles: CertificateFiles = {
  mark: lookAt,
  async read(path) {
    await lookAt(path);
    return readFile(path);
  },
};
