/**
 * Checks of the folders in which mail is kept.
 *
 * A folder that exists is tried by writing a file into it and removing that file again; of one
 * that does not exist yet, the nearest existing folder above it is looked at, and nothing is made.
 *
 * Callers: app/check.
 */
import { constants } from 'node:fs';
import { access, rmdir, mkdtemp, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../core/errors.js';
import type { CheckStep, Finding } from './check-step.js';

type FolderState =
  | { readonly status: 'folder' | 'absent' | 'file' }
  | { readonly status: 'unknown'; readonly reason: string };

async function look(path: string): Promise<FolderState> {
  try {
    return { status: (await stat(path)).isDirectory() ? 'folder' : 'file' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return { status: 'absent' };
    // A file stands where the path needs a folder; the walk upwards will meet it.
    if (code === 'ENOTDIR') return { status: 'absent' };
    return { status: 'unknown', reason: messageOf(error) };
  }
}

/** Why the folder cannot be written to, or `undefined` when it can. */
async function whyNotWritable(path: string): Promise<string | undefined> {
  const state = await look(path);
  switch (state.status) {
    case 'unknown':
      return state.reason;
    case 'file':
      return `${path} is not a folder`;
    case 'absent': {
      const above = dirname(path);
      return above === path ? `${path} does not exist` : whyNotMakable(above);
    }
    case 'folder':
      return tryWriting(path);
  }
}

async function tryWriting(folder: string): Promise<string | undefined> {
  try {
    // A folder rather than a file: an interrupted check leaves something empty behind.
    await rmdir(await mkdtemp(join(folder, '.postern-check-')));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function whyNotMakable(path: string): Promise<string | undefined> {
  const state = await look(path);
  if (state.status === 'absent' && dirname(path) !== path) return whyNotMakable(dirname(path));
  if (state.status === 'unknown') return state.reason;
  if (state.status !== 'folder') return `${path} is not a folder`;
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function folderFinding(setting: string, path: string): Promise<readonly Finding[]> {
  const reason = await whyNotWritable(path);
  if (reason === undefined) return [];
  const hint = `Make the folder writable for the user that runs Postern, or give ${setting} another one.`;
  return [{ severity: 'error', message: `${setting}: cannot write to ${path}: ${reason}`, hint }];
}

export const dataDirStep: CheckStep = {
  name: 'data directory',
  run: (config) => folderFinding('dataDir', config.dataDir),
};

export const maildirStep: CheckStep = {
  name: 'maildir',
  run: (config) => folderFinding('delivery.maildir', config.delivery.maildir),
};
