import '$/shared/theme/theme.css';
