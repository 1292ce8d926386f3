# zynq-ultrascale+.tcl - the processing system of Zynq UltraScale+ for vivado.tcl: its block, its ports by name, its clock.
#
# S_AXI_GP2 to GP5 are the configuration's names of HP0 to HP3.

proc processing_system {ports} {
  set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:zynq_ultra_ps_e ps]
  apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset 1} $ps
  set options {
    CONFIG.PSU__USE__M_AXI_GP0 1
    CONFIG.PSU__USE__M_AXI_GP1 0
    CONFIG.PSU__USE__M_AXI_GP2 0
    CONFIG.PSU__USE__IRQ0 1
    CONFIG.PSU__FPGA_PL0_ENABLE 1
    CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ 100
  }
  foreach port $ports {
    set gp [expr {2 + [string index $port end]}]
    lappend options CONFIG.PSU__USE__S_AXI_GP$gp 1 CONFIG.PSU__SAXIGP${gp}__DATA_WIDTH $::dybnn(port_bits)
  }
  set_property -dict $options $ps
  return ps
}

proc clock_and_reset {ps mhz} { return [clock_from [get_bd_pins $ps/pl_clk0] [get_bd_pins $ps/pl_resetn0] $mhz] }

proc general_port {} { return M_AXI_HPM0_FPD }
proc general_port_clock {} { return maxihpm0_fpd_aclk }
proc memory_port {port} { return S_AXI_${port}_FPD }
proc memory_port_clock {port} { return saxi[string tolower $port]_fpd_aclk }
proc interrupt_pin {} { return pl_ps_irq0 }
