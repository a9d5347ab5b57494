/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PropertiesReaderTest {
  /** Remembers what is put, in order and with duplicates. */
  private static final class PutOrder extends Properties {
    private static final long serialVersionUID = 1L;
    private final transient List<String> puts = new ArrayList<>();

    @Override
    public synchronized Object put(Object key, Object value) {
      puts.add(((String) key).trim() + "=" + ((String) value).trim());
      return super.put(key, value);
    }
  }

  @Property(tries = 5000)
  void readsWhatJavaUtilPropertiesReads(@ForAll("texts") String text) throws IOException {
    PutOrder reference = new PutOrder();
    try {
      reference.load(new StringReader(text));
    } catch (IllegalArgumentException malformedEscape) {
      assertThat(read(text).problems()).anyMatch(p -> p.message().contains("malformed"));
      return;
    }
    assertThat(read(text).settings())
        .extracting(setting -> setting.key() + "=" + setting.value())
        .filteredOn(PropertiesReaderTest::isSomething)
        .isEqualTo(reference.puts.stream().filter(PropertiesReaderTest::isSomething).toList());
  }

  /** Properties makes an empty key of a lone backslash at the very end; nobody needs that. */
  private static boolean isSomething(String put) {
    return !put.equals("=");
  }

  /** Texts in which every character that means something to the format is frequent. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> pieces =
        Arbitraries.oneOf(
            Arbitraries.of(
                "\\", "\\\\", "\n", "\r", "\r\n", "\\\n", "\\\r\n", "=", ":", " ", "\t", "\f", "#",
                "!", "a", "b.c", "\\u0041", "\\u00", "\\t", "\\n", "\\=", "\\ ", "\"", "x = y\n"),
            Arbitraries.strings().ascii().ofMaxLength(4));
    return pieces.list().ofMaxSize(24).map(list -> String.join("", list));
  }

  @Example
  void knowsTheLineOfEveryKey() {
    String text = "# one\r\n\r\n a = 1\\\r\n   2\r\n! x\rb:3\nc 4\n\n\n\\\nd=5";
    assertThat(read(text).settings())
        .extracting(setting -> setting.place().line() + " " + setting.key() + " " + setting.value())
        .containsExactly("3 a 12", "6 b 3", "7 c 4", "11 d 5");
  }

  @Example
  void acceptsAByteOrderMark() {
    assertThat(read("\ufeffa = 1").settings())
        .containsExactly(Setting.of("a", "1", new Place("f", 1)));
    assertThat(read("\ufeffa = 1").problems()).isEmpty();
  }

  @Example
  void refusesUtf16() {
    byte[] bytes = "a = 1".getBytes(StandardCharsets.UTF_16);
    PropertiesReader.Parsed parsed = PropertiesReader.read(new PropertiesText("f", bytes));
    assertThat(parsed.settings()).isEmpty();
    assertThat(parsed.problems())
        .extracting(Problem::text)
        .containsExactly(
            "f: error: the file is written in UTF-16 and was not read. Save it as UTF-8.");
  }

  @Example
  void readsEachLineInItsOwnEncoding() {
    byte[] latin = "# \u00e4\na = \u00fc\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] utf = "b = \u7ed1\u5b9a\n".getBytes(StandardCharsets.UTF_8);
    byte[] both = new byte[latin.length + utf.length];
    System.arraycopy(latin, 0, both, 0, latin.length);
    System.arraycopy(utf, 0, both, latin.length, utf.length);
    PropertiesReader.Parsed parsed = PropertiesReader.read(new PropertiesText("f", both));
    assertThat(parsed.settings())
        .extracting(Setting::value)
        .containsExactly("\u00fc", "\u7ed1\u5b9a");
    assertThat(parsed.problems())
        .extracting(Problem::text)
        .containsExactly(
            "f:2: warning: a: has bytes that are not UTF-8, read as ISO-8859-1. Save the file as"
                + " UTF-8, or write them as \\uXXXX.",
            "f:3: warning: b: has characters beyond ASCII, read as UTF-8 (Apache Flume reads"
                + " ISO-8859-1). Write them as \\uXXXX to have them read alike everywhere.");
  }

  @Example
  void keepsAMalformedEscapeAsItIsWritten() {
    PropertiesReader.Parsed parsed = read("a = x\\u12\nb = \\uzzzz\n");
    assertThat(parsed.settings()).extracting(Setting::value).containsExactly("x\\u12", "\\uzzzz");
    assertThat(parsed.problems()).allMatch(Problem::isError).hasSize(2);
  }

  private static PropertiesReader.Parsed read(String text) {
    return PropertiesReader.read(PropertiesText.of("f", text));
  }
}
