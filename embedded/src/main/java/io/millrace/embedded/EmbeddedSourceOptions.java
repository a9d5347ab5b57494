/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.InvariantViolation;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;

/** Lets a configuration name the source; the agent puts its own {@link Entrance} in its place. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "embedded",
    flumeClasses = "org.apache.flume.agent.embedded.EmbeddedSource",
    summary = "Takes events from the application around the agent.")
record EmbeddedSourceOptions() implements SourceOptions {
  @Override
  public Source build(SourceContext context) {
    throw new InvariantViolation("the embedded source is built by its agent alone");
  }
}
