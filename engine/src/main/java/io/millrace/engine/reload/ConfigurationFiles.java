/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.reload;

import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import java.nio.file.Path;
import java.util.List;

/**
 * Where an agent's configuration stands, and how it is read. Immutable.
 *
 * @param agent its name in the files
 */
public record ConfigurationFiles(
    ConfigurationLoader loader, List<Path> files, String agent, Strictness strictness) {
  public ConfigurationFiles {
    files = List.copyOf(files);
  }

  /** Reads and checks everything. */
  public AgentResult read() {
    return loader.load(files).agent(agent, strictness);
  }

  /** Tells contents apart, whatever times the files bear; also of what cannot be read now. */
  public String fingerprint() {
    return loader.fingerprint(files);
  }
}
