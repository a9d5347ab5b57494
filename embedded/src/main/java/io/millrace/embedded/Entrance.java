/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.SourceDefinition;

/**
 * The source of an embedded agent: keeps the door to the channel for the application. Confined to
 * the thread that creates the agent; the output is safe for many.
 */
final class Entrance implements SourceOptions {
  private Output output;

  @Override
  public Source build(SourceContext context) {
    output = context.output();
    return new Source() {};
  }

  /** Behind this door are interceptors and channel; only once the agent is created. */
  Output output() {
    return output;
  }

  /** The agent with this in place of its one source. */
  AgentDefinition in(AgentDefinition agent) {
    return new AgentDefinition(
        agent.name(),
        agent.channels(),
        agent.sources().stream()
            .map(
                source ->
                    new SourceDefinition(
                        source.name(),
                        source.type(),
                        this,
                        source.interceptors(),
                        source.selector(),
                        source.channels()))
            .toList(),
        agent.sinks(),
        agent.sinkGroups());
  }
}
