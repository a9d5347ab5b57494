/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.EventBatch;
import io.millrace.api.JmsConverter;
import io.millrace.api.JmsConverterOptions;
import io.millrace.api.JmsMessage;
import io.millrace.api.Option;
import io.millrace.api.RejectedException;
import java.nio.charset.Charset;

/** Options of the default converter. Immutable. */
@Component(
    kind = ComponentKind.JMS_CONVERTER,
    name = "default",
    flumeClasses = {
      "org.apache.flume.source.jms.DefaultJMSMessageConverter$Builder",
      "org.apache.flume.source.jms.DefaultJMSMessageConverter"
    },
    summary =
        "Makes one event of a text or bytes message, with the properties as headers; other"
            + " messages that have a body are set aside.")
public record DefaultConverterOptions(
    @Option(doc = "Character set of the bodies made of text messages.", def = "UTF-8")
        Charset charset)
    implements JmsConverterOptions {
  @Override
  public JmsConverter build() {
    return message -> EventBatch.of(message.properties(), body(message));
  }

  private byte[] body(JmsMessage message) {
    return switch (message.kind()) {
      case TEXT -> message.text().getBytes(charset);
      case BYTES -> message.body();
      case PLAIN -> new byte[0];
      case OBJECT ->
          throw new RejectedException(
              "an object message is never read: to restore the Java object in it runs code that its"
                  + " sender chooses");
      case MAP, STREAM ->
          throw new RejectedException(
              "a message of kind "
                  + message.kind()
                  + " has no text or bytes to make a body of (expected: a text or bytes message, or"
                  + " a converter of your own in converter.type)");
    };
  }
}
