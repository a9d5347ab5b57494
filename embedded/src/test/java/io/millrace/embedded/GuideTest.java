/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/clients.md. */
class GuideTest {
  @TempDir Path classes;

  @Test
  void everyJavaExampleOfTheGuideCompiles() throws Exception {
    String guide = Files.readString(Path.of("../docs/clients.md"));
    Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
    List<String> examples = new ArrayList<>();
    while (blocks.find()) {
      examples.add(blocks.group(1));
    }
    assertThat(examples).hasSize(4);
    for (int i = 0; i < examples.size(); i++) {
      compile("Example" + i, examples.get(i));
    }
  }

  private void compile(String name, String body) {
    String source =
        "import io.millrace.api.*; import io.millrace.client.*; import io.millrace.embedded.*;"
            + " import java.time.*; import java.util.*;\nclass "
            + name
            + " { void run() throws Exception {\n"
            + body
            + "\n} }";
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("mem:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean isCompiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of(
                    "-d",
                    classes.toString(),
                    "-proc:none",
                    "-classpath",
                    System.getProperty("java.class.path")),
                null,
                List.of(file))
            .call();
    assertThat(isCompiled).as("%s\n%s", said, source).isTrue();
  }
}
