/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.EventDeserializer;
import io.millrace.api.Option;

/** Options of the deserializer of whole files. Immutable. */
@Component(
    kind = ComponentKind.DESERIALIZER,
    name = "blob",
    flumeClasses = {
      "org.apache.flume.sink.solr.morphline.BlobDeserializer$Builder",
      "org.apache.flume.sink.solr.morphline.BlobDeserializer"
    },
    summary = "Makes one event of a whole file.")
public record BlobDeserializerOptions(
    @Option(
            doc =
                "Largest event; a larger file becomes several. What the channels take at most is a"
                    + " limit besides.",
            def = "100000000",
            min = 1,
            max = Integer.MAX_VALUE - 1024,
            bareUnit = BareUnit.BYTES)
        DataSize maxBlobLength)
    implements DeserializerOptions {
  @Override
  public EventDeserializer.Factory build() {
    return (content, mark, setting) ->
        new BlobDeserializer(
            content,
            mark,
            (int) Math.min(maxBlobLength.bytes(), Math.max(1, setting.maxEventBytes())));
  }
}
