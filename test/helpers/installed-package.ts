/** A folder in which the built package is installed as `postern`, as in a host program's project. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { ROOT, tempProject, type TempProject } from './temp-project.js';

export function hostProject(files: Readonly<Record<string, string>>): TempProject {
  const project = tempProject({ 'package.json': '{ "type": "module", "private": true }', ...files });
  mkdirSync(project.path('node_modules'));
  symlinkSync(ROOT, project.path('node_modules/postern'), 'dir');
  return project;
}
