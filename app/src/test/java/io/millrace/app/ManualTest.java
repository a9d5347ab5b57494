/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.declaration.Catalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The manual says what the declarations say. */
class ManualTest {
  private static final Path PAGE = Path.of("../docs/components.md");

  /** {@code -Dmillrace.manual.update=true} writes the page anew. */
  @Test
  void theReferencePageIsThatOfTheDeclarations() throws IOException {
    String page = ManualPage.of(Catalog.load(ManualTest.class.getClassLoader()).descriptions());
    if (Boolean.getBoolean("millrace.manual.update")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as("regenerate it with: bin/millrace describe --markdown > docs/components.md")
        .hasContent(page.stripTrailing());
  }
}
