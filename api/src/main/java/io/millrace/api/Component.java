/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares a component on the record of its options, which also builds it. From this declaration
 * come binding, validation, {@code describe} and the manual.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Component {
  ComponentKind kind();

  /** The value of {@code type}, in lower case. Matched in any case. */
  String name();

  /** Classes of Apache Flume that mean this component when {@code type} names them. */
  String[] flumeClasses() default {};

  /** One sentence for the manual. */
  String summary();
}
