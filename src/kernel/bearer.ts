/** Whether a text can be a token: nothing else gets into the header that shows one. */
export const isToken = (text: string): boolean => /^[!-~]{1,1000}$/u.test(text);
