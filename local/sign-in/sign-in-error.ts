export type SignInErrorCode =
  | 'not_protected'
  | 'metadata_not_found'
  | 'metadata_invalid'
  | 'registration_refused'
  | 'authorization_refused'
  | 'page_not_understood'
  | 'token_refused';

/** Why a sign-in could not be completed. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly code: SignInErrorCode;

  constructor(code: SignInErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
