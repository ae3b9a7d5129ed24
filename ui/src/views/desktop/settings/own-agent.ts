import type { AgentConfig, CustomAgent } from '../service';

/** An agent of one's own as it stands in the form. */
export interface OwnAgent {
  name: string;
  title: string;
  command: string;
  /** One argument a line. */
  arguments: string;
  /** One variable a line, as NAME=value. */
  environment: string;
  mode: string;
}

export const emptyAgent: OwnAgent = {
  name: '',
  title: '',
  command: '',
  arguments: '',
  environment: '',
  mode: '',
};

/** The form of an agent that is there already. */
export function formOf(name: string, custom: CustomAgent): OwnAgent {
  return {
    name,
    title: custom.title ?? '',
    command: custom.command,
    arguments: (custom.arguments ?? []).join('\n'),
    environment: Object.entries(custom.environment ?? {})
      .map(([variable, value]) => `${variable}=${value}`)
      .join('\n'),
    mode: custom.mode ?? '',
  };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** The first line that is no variable. */
export function notAVariable(text: string): string | undefined {
  return lines(text).find((line) => !/^\s*[^=\s]+=/.test(line));
}

/** What the service is told. */
export function customOf(form: OwnAgent): CustomAgent {
  const variables = lines(form.environment).map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at).trim(), line.slice(at + 1)];
  });
  return {
    ...(form.title.trim() === '' ? {} : { title: form.title.trim() }),
    command: form.command.trim(),
    arguments: lines(form.arguments),
    environment: Object.fromEntries(variables),
    ...(form.mode.trim() === '' ? {} : { mode: form.mode.trim() }),
  };
}

/** The settings with the new description; what else was set stays. */
export function configOf(form: OwnAgent, before: AgentConfig | undefined): AgentConfig {
  return { enabled: true, ...before, custom: customOf(form) };
}
