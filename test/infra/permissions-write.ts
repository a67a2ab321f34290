// `npm run iam`: writes docs/iam.md.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { permissionsTable, TABLE_FILE } from './permissions-table.ts';
import { REPOSITORY, synthesise } from './support.ts';

writeFileSync(join(REPOSITORY, TABLE_FILE), permissionsTable(synthesise()));
