/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.model.AgentDefinition;
import java.util.List;
import java.util.Optional;

/**
 * What came of checking one agent. Immutable.
 *
 * @param agent empty when an error keeps it from starting
 * @param problems all that is wrong, in the order of the files
 */
public record AgentResult(Optional<AgentDefinition> agent, List<Problem> problems) {
  public AgentResult {
    problems = List.copyOf(problems);
  }
}
