/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.EventDeserializer;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.kit.text.MultilineOptions;
import java.nio.charset.Charset;

/** Options of the deserializer of lines. Immutable. */
@Component(
    kind = ComponentKind.DESERIALIZER,
    name = "line",
    flumeClasses = {
      "org.apache.flume.serialization.LineDeserializer$Builder",
      "org.apache.flume.serialization.LineDeserializer"
    },
    summary = "Makes an event of each line of text.")
public record LineDeserializerOptions(
    @Option(
            doc = "Longest line in characters; the rest of a longer one is the next event.",
            def = "2048",
            min = 1,
            max = 16_000_000)
        int maxLineLength,
    @Option(doc = "Character set of the bodies.", def = "UTF-8") Charset outputCharset,
    @Option(
            doc = "Whether the carriage return of a line that ends in CR LF is left out.",
            def = "false")
        boolean dropCarriageReturn,
    @OptionGroup MultilineOptions multiline)
    implements DeserializerOptions {
  public LineDeserializerOptions {
    if (!outputCharset.canEncode()) {
      throw new ConfigurationException(
          "outputCharset", outputCharset + " (expected: a character set that can be written)");
    }
  }

  /** With another limit of lines. */
  public LineDeserializerOptions withMaxLineLength(int characters) {
    return new LineDeserializerOptions(characters, outputCharset, dropCarriageReturn, multiline);
  }

  @Override
  public EventDeserializer.Factory build() {
    return (content, mark, setting) -> LineDeserializer.open(this, content, mark, setting);
  }
}
