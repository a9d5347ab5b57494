/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Component;
import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

final class BuiltInComponentsTest {
  private final List<Class<? extends ComponentOptions>> components =
      new BuiltInComponents().components();

  @Test
  void theCatalogIsFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(ComponentCatalog.class))
        .anyMatch(catalog -> catalog instanceof BuiltInComponents);
  }

  @Test
  void everyComponentIsARecordThatIsDeclaredWithItsOptions() {
    for (Class<? extends ComponentOptions> options : components) {
      assertThat(options.isRecord()).as("%s", options).isTrue();
      assertThat(options.getAnnotation(Component.class)).as("%s", options).isNotNull();
      for (RecordComponent component : options.getRecordComponents()) {
        assertThat(
                component.isAnnotationPresent(Option.class)
                    || component.isAnnotationPresent(OptionGroup.class))
            .as("%s.%s", options, component.getName())
            .isTrue();
      }
    }
  }

  @Test
  void noTwoComponentsOfAKindShareANameOrAFlumeClass() {
    List<String> names = new ArrayList<>();
    for (Class<? extends ComponentOptions> options : components) {
      Component declared = options.getAnnotation(Component.class);
      names.add(declared.kind() + " " + declared.name());
      for (String flumeClass : declared.flumeClasses()) {
        names.add(declared.kind() + " " + flumeClass);
      }
    }

    assertThat(names).doesNotHaveDuplicates();
  }
}
