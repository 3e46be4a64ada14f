/** Browsers of the last three years (those of November 2023) and all that came after them: what is published runs in these. */
export const browsers: string[] = ['chrome119', 'edge119', 'firefox120', 'safari17.1', 'ios17.1']
