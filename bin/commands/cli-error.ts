/** A mistake of the caller or the surroundings: printed as one line, exit code 2. */
export class CliError extends Error {
  readonly code = 'CLI';
}
