/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ComponentKind;
import java.util.List;
import java.util.Optional;

/**
 * What a manual says about a component. Immutable.
 *
 * @param plugin name of the plug-in that has it; empty when it is one of the agent's own
 */
public record ComponentDescription(
    ComponentKind kind,
    String name,
    List<String> flumeClasses,
    String summary,
    Optional<String> plugin,
    List<OptionDescription> options) {

  static ComponentDescription of(ComponentDeclaration component, Optional<String> plugin) {
    return new ComponentDescription(
        component.kind(),
        component.name(),
        component.flumeClasses(),
        component.summary(),
        plugin,
        component.options().options().stream().map(OptionDescription::of).toList());
  }
}
