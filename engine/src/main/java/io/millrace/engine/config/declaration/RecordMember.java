/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

/** What a component of an options record is: an option, or a record of options of its own. */
public sealed interface RecordMember permits OptionDeclaration, OptionsRecord {}
