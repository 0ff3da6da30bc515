import { describe, expect, test } from 'vitest';
import { KERNEL, treeOf } from '../fixtures/tree-of.ts';
import { compiledSources } from './evaluate.ts';

/** How the top Makefile leads to the folders, release by release: the parts that decide, in their order. */
const TOPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '4.19': {
    Makefile: `VERSION = 4
PATCHLEVEL = 19
ifeq ($(KBUILD_SRC),)
ifeq ("$(origin O)", "command line")
  KBUILD_OUTPUT := $(O)
endif
ifneq ($(words $(subst :, ,$(CURDIR))), 1)
  $(error main directory cannot contain spaces nor colons)
endif
ifneq ($(KBUILD_OUTPUT),)
skip-makefile := 1
endif
endif
ifeq ($(skip-makefile),)
dot-config := 1
ifneq ($(filter $(no-dot-config-targets), $(MAKECMDGOALS)),)
	dot-config := 0
endif
ifeq ($(mixed-targets),1)
%:: FORCE
	$(Q)true
else
include scripts/Kbuild.include
ARCH		?= $(SUBARCH)
SRCARCH 	:= $(ARCH)
ifeq ($(config-targets),1)
include arch/$(SRCARCH)/Makefile
else
ifeq ($(KBUILD_EXTMOD),)
init-y		:= init/
drivers-y	:= drivers/ sound/
libs-y		:= lib/
core-y		:= usr/
endif
ifeq ($(dot-config),1)
-include include/config/auto.conf
endif
include arch/$(SRCARCH)/Makefile
ifeq ($(KBUILD_EXTMOD),)
core-y		+= kernel/ mm/
init-y		:= $(patsubst %/, %/built-in.a, $(init-y))
core-y		:= $(patsubst %/, %/built-in.a, $(core-y))
drivers-y	:= $(patsubst %/, %/built-in.a, $(drivers-y))
libs-y1		:= $(patsubst %/, %/lib.a, $(libs-y))
libs-y2		:= $(patsubst %/, %/built-in.a, $(filter-out %.a, $(libs-y)))
endif
endif
endif
endif
`,
  },
  '5.4': {
    Makefile: `VERSION = 5
PATCHLEVEL = 4
ifneq ($(sub_make_done),1)
MAKEFLAGS += -rR
this-makefile := $(lastword $(MAKEFILE_LIST))
abs_srctree := $(realpath $(dir $(this-makefile)))
ifneq ($(abs_objtree),$(CURDIR))
need-sub-make := 1
endif
export sub_make_done := 1
endif
ifeq ($(need-sub-make),)
ifeq ($(abs_srctree),$(abs_objtree))
        srctree := .
endif
ifdef mixed-build
%:: FORCE
	$(Q)true
else
ifdef config-build
else
ifeq ($(KBUILD_EXTMOD),)
init-y		:= init/
drivers-y	:= drivers/
libs-y		:= lib/
core-y		:= kernel/ mm/
endif
include arch/$(SRCARCH)/Makefile
endif
endif
endif
`,
  },
  '6.12': {
    Makefile: `VERSION = 6
PATCHLEVEL = 12
ifeq ($(filter undefine,$(.FEATURES)),)
$(error GNU Make >= 3.82 is required)
endif
this-makefile := $(lastword $(MAKEFILE_LIST))
abs_srctree := $(realpath $(dir $(this-makefile)))
ifneq ($(sub_make_done),1)
export sub_make_done := 1
endif
ifdef KBUILD_EXTMOD
    abs_output := $(CURDIR)
endif
ifneq ($(filter --no-print-directory,$(MAKEFLAGS)),)
ifdef need-config
endif
ARCH_CORE       := $(core-y)
core-y := lib/
drivers-y :=
include $(srctree)/arch/$(SRCARCH)/Makefile
ARCH_CORE	:= $(core-y)
ARCH_DRIVERS	:= $(drivers-y) $(drivers-m)
export ARCH_CORE ARCH_DRIVERS
endif
`,
    Kbuild: 'obj-y += init/ kernel/ mm/ lib/ $(ARCH_CORE)\nobj-y += drivers/ $(ARCH_DRIVERS)\n',
  },
};

describe('the folders are found from the top Makefile of', () => {
  for (const [release, files] of Object.entries(TOPS)) {
    test(release, async () => {
      const tree = treeOf({ ...KERNEL, 'drivers/Makefile': 'obj-m += a.o\n', 'drivers/a.c': '', ...files });
      expect(await compiledSources(tree, { srcArch: 'arm', symbols: { OFF: 'n' }, isComplete: true })).toEqual([
        'arch/arm/kernel/setup.c',
        'drivers/a.c',
        'init/main.c',
        'kernel/fork.c',
        'lib/bitmap.c',
        'mm/memory.c',
      ]);
    });
  }
});

test("a vendor's file sets symbols that the configuration lacks", async () => {
  const files = {
    ...KERNEL,
    'drivers/Makefile': 'include $(srctree)/techpack/config/board.conf\nobj-$(CONFIG_VENDOR) += a.o\n',
    'techpack/config/board.conf': 'export CONFIG_VENDOR=m\n',
    'drivers/a.c': '',
  };
  const build = { srcArch: 'arm', symbols: {}, isComplete: true };
  expect(await compiledSources(treeOf(files), build)).toContain('drivers/a.c');
});
