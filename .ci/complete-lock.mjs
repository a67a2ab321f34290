// Completes package-lock.json after `npm install`, where the registry at hand holds the builds of some platforms only:
// npm then leaves the optional packages of the others out of the lock, and `npm ci` refuses such a lock everywhere.
// Adds them by name and version, with the platform their name says; run it after every change of the dependencies.

import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPUS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));

/** Where node would find `name` for the package at `path`. */
const isInstalled = (path, name) => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
    if (!at.includes('/node_modules/')) at = '';
  }
};

const platformOf = (name) => {
  const words = name.split(/[/@-]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = CPUS.filter((kind) =>
    words.some(
      (word) =>
        word === kind || (kind === 'ppc64' && word === 'ppc64le') || (kind === 'arm' && /^armv?\d?(eabi)?$/.test(word)),
    ),
  );
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : undefined;
  return {
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc === undefined ? {} : { libc }),
  };
};

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isInstalled(path, name)) continue;
    if (!/^\d+\.\d+\.\d+\S*$/.test(version)) throw new Error(`${name}@${version} of ${path} is not one version`);
    const platform = platformOf(name);
    if (Object.keys(platform).length === 0) throw new Error(`the name ${name} says no platform`);
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...platform,
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to ${FILE}`);
