/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ComponentKind;
import java.util.List;

/** What a manual says about a component. Immutable. */
public record ComponentDescription(
    ComponentKind kind,
    String name,
    List<String> flumeClasses,
    String summary,
    List<OptionDescription> options) {

  static ComponentDescription of(ComponentDeclaration component) {
    return new ComponentDescription(
        component.kind(),
        component.name(),
        component.flumeClasses(),
        component.summary(),
        component.options().options().stream().map(OptionDescription::of).toList());
  }
}
