# hls.tcl - C simulation, C synthesis, C/RTL co-simulation and export of the engine as an IP core, in Vitis HLS 2022.2 and later:
#
#   vitis_hls -f tcl/hls.tcl                    up to 2024.1
#   vitis-run --mode hls --tcl tcl/hls.tcl      2024.2 and later, which passes no arguments on
#
# In: settings.tcl beside this file; the environment: DYBNN_STEPS, words of "csim csynth cosim export" (default: csim csynth export);
# DYBNN_ROOT, the project's folder, where the tool does not tell where this script lies.
# Out: hls/ in DYBNN_WORK (default: build under the project) with the reports and, after export, the core in NAME/solution/impl/ip.
# `make csim-vitis hls cosim ip` in the project's folder call it.

proc environment {name default} {
  if {[info exists ::env($name)] && $::env($name) ne ""} { return $::env($name) }
  return $default
}

# The engine's registers must lie where the drivers look for them. The tool writes what it made of the offsets into a driver's header:
# under misc after synthesis, under ip after export.
proc check_registers {implementation} {
  set headers [glob -nocomplain [file join $implementation drivers * src x*_hw.h]]
  if {[llength $headers] == 0} {
    puts "WARNING: dybnn: no generated driver header found, so the register map was not checked"
    return
  }
  set channel [open [lindex $headers 0] r]
  set text [read $channel]
  close $channel
  set wrong {}
  dict for {name offset} $::dybnn(registers) {
    # A name that is a keyword of Verilog gets _r at its end.
    if {[regexp -nocase "_ADDR_${name}(_R)?_DATA\\s+0x(\[0-9a-f\]+)" $text -> _ found]} {
      if {[expr "0x$found"] != $offset} { lappend wrong "$name at 0x$found, expected [format 0x%02x $offset]" }
    } else {
      lappend wrong "$name is missing"
    }
  }
  if {[llength $wrong] > 0} {
    error "dybnn: the register map in [lindex $headers 0] is not the drivers': [join $wrong {; }]"
  }
  puts "INFO: dybnn: the register map is the drivers'"
}

proc build {} {
  set script [info script]
  set here [expr {$script eq "" ? [pwd] : [file dirname [file normalize $script]]}]
  set root [file normalize [environment DYBNN_ROOT [file join $here ..]]]
  source [file join $root tcl settings.tcl]
  set work [file normalize [file join [environment DYBNN_WORK [file join $root build]] hls]]
  set steps [environment DYBNN_STEPS "csim csynth export"]
  foreach step $steps {
    if {[lsearch -exact {csim csynth cosim export} $step] < 0} { error "dybnn: DYBNN_STEPS: no step $step" }
  }

  file mkdir $work
  cd $work
  set include "-std=c++14 -I$root -I[file join $root engine]"
  set host "-I[file join $root host c] -I[file join $root host testbench]"
  open_project -reset $::dybnn(name)
  set_top $::dybnn(top)
  # Only in simulation the engine counts its cycles and can be looked into.
  add_files [file join $root $::dybnn(name)_top.cpp] -cflags $include -csimflags "$include -DDYBNN_SIMULATION"
  add_files -tb [file join $root testbench.cpp] -cflags "$include $host -DDYBNN_SIMULATION -Wno-unknown-pragmas"
  foreach source [lsort [glob [file join $root host c *.c]]] { add_files -tb $source -cflags $host }

  open_solution -reset -flow_target vivado solution
  set_part $::dybnn(part)
  create_clock -period $::dybnn(period_ns) -name default
  config_interface -m_axi_addr64=true

  if {"csim" in $steps} { csim_design -O -argv $root }
  if {"csynth" in $steps || "cosim" in $steps || "export" in $steps} {
    csynth_design
    check_registers [file join $work $::dybnn(name) solution impl misc]
  }
  if {"cosim" in $steps} { cosim_design -rtl verilog -argv "--whole $root" }
  if {"export" in $steps} {
    export_design -rtl verilog -format ip_catalog -vendor dybnn -library hls -ipname $::dybnn(top) -version 1.0
    check_registers [file join $work $::dybnn(name) solution impl ip]
  }
  close_project
}

build
exit
