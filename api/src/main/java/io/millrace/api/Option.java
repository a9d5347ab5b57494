/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares one option on a component of an options record.
 *
 * <p>The type of the record component says how the value is read: {@code String}, {@code int},
 * {@code long}, {@code boolean}, {@code double}, {@link DataSize}, {@link java.time.Duration},
 * {@link java.nio.file.Path} ({@code ~} is the home directory), {@link java.nio.charset.Charset},
 * an enum (in any case), {@code List<String>} (split at white space, or at {@link #separator}),
 * {@code Map<String, String>} (every key that begins with the name; the name then ends in {@code
 * .*}), or one of the nested options interfaces ({@link SerializerOptions}, {@link
 * DeserializerOptions}, {@link HttpHandlerOptions}, {@link PathManagerOptions}, {@link
 * JmsConverterOptions}): the value names its type, and the keys below the name, or beside it when it
 * ends in {@code .type}, are its options. An option that may be absent without a default is an
 * {@code Optional} of these.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Option {
  /** What {@link #def} holds when there is no default. */
  String NO_DEFAULT = "\0";

  /** The key below the component, when it is not the record component's own name. */
  String name() default "";

  /** Other keys that mean the same; using one is a warning that names the right one. */
  String[] aliases() default {};

  /** One line of documentation. */
  String doc();

  /** The default, as a user would write it. */
  String def() default NO_DEFAULT;

  boolean required() default false;

  /** Smallest number accepted. For durations and sizes: in {@link #bareUnit}. */
  long min() default Long.MIN_VALUE;

  /** Largest number accepted. For durations and sizes: in {@link #bareUnit}. */
  long max() default Long.MAX_VALUE;

  /** Unit of a number without one. Required for {@code Duration} and {@code DataSize}. */
  BareUnit bareUnit() default BareUnit.NONE;

  /**
   * Whether an unusable value gives way to the default with a warning, where Flume does so and real
   * files rely on it; else it is an error.
   */
  boolean fallsBack() default false;

  /** Separator of a list; empty for white space. */
  String separator() default "";

  /** Values that must never be shown. */
  boolean secret() default false;

  /** Why the option has no effect; setting it is answered with this line. Empty when it has. */
  String noEffect() default "";
}
